import type { Alert } from '#telemetry/alert.ts'
import type { DeliveryFault } from '#telemetry/faults/delivery-faults.ts'
import { sayDeliveryFault } from '#telemetry/faults/delivery-words.ts'
import type { NotificationChannel } from '#telemetry/notification.ts'

/** A message to people outside, in one language. */
export interface Message {
  /** the same in every try: a receiver tells by it what it has already */
  id: string
  channel: NotificationChannel
  /** when it was made, epoch ms */
  at: number
  subject: string
  text: string
  /** the alerts it tells of, at most {@link maxAlertsOfMessage} */
  alerts: Alert[]
  /** how many there were */
  total: number
}

/** Alerts that a message lists; a flood is told by its number. With {@link maxSensorsOfMessage} it keeps a message below the 64 kB that a text in InfluxDB may have. */
export const maxAlertsOfMessage = 25

/** Sensors that an alert names in a message. */
export const maxSensorsOfMessage = 20

/** One way to deliver messages. */
export interface Channel {
  readonly name: NotificationChannel
  /** where it leads, for the operator; never a secret */
  readonly to: string
  /** Delivers a message. @throws DeliveryError */
  deliver(message: Message): Promise<void>
  /** Idempotent. */
  close(): void
}

/** A message was not taken. Its message is the fault as an English sentence. */
export class DeliveryError extends Error {
  readonly fault: DeliveryFault
  /** whether another try may help */
  readonly retryable: boolean
  constructor(fault: DeliveryFault, retryable: boolean, cause?: unknown) {
    super(sayDeliveryFault('en', fault), cause === undefined ? undefined : { cause })
    this.fault = fault
    this.name = 'DeliveryError'
    this.retryable = retryable
  }
}
