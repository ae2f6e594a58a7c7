import { type QuarantineResponse, quarantineResponse } from '#telemetry/quarantine-rest.ts'
import { get } from '../live/api-client.ts'

/** The newest messages that did not validate, and how many entries there are. Throws ApiError. */
export const fetchQuarantine = (): Promise<QuarantineResponse> => get('/quarantine?limit=50', quarantineResponse)
