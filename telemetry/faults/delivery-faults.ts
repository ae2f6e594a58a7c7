import { z } from 'zod'
import { type FaultOf, faultSchemaOf } from './fault-table.ts'

/** the network's own code, such as ECONNREFUSED; absent when it gave none */
const noConnection = z.object({ error: z.string().optional() })

/** Why a message to the outside was not delivered. */
export const deliveryFaults = {
  /** what a webhook answered */
  HTTP_STATUS: z.object({ status: z.number() }),
  TIMEOUT: z.object({}),
  NO_CONNECTION: noConnection,
  NO_MAIL_SERVER: noConnection,
  /** `said`: the answer of the mail server */
  MAIL_REFUSED: z.object({ said: z.string() }),
  /** it was not tried: so many wait already */
  TOO_MANY_WAITING: z.object({ waiting: z.number() }),
  /** a fault of the platform's own, which its log tells */
  NOT_SENT: z.object({}),
} as const
export type DeliveryFault = FaultOf<typeof deliveryFaults>

export const deliveryFaultSchema: z.ZodType<DeliveryFault> = faultSchemaOf(deliveryFaults)
