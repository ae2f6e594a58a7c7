import { type DiagnosisResponse, diagnosisResponse } from '#telemetry/diagnostics.ts'
import { get } from '../live/api-client.ts'

/** Why devices are not here: those in which a text occurs, or all. */
export const fetchDiagnosis = (search: string): Promise<DiagnosisResponse> =>
  get(`/devices/diagnosis?search=${encodeURIComponent(search)}`, diagnosisResponse)
