import type { MessageFault } from './faults/message-faults.ts'

/** What is wrong with what a device says of itself: a stable word for the kind of refusal, and the fault itself. */
export interface DeviceFault {
  code: 'JSON' | 'SHAPE' | 'VALUE' | 'PLACE'
  faults: readonly [MessageFault]
}

/** A message of a device, read; wrong input is a value, not an exception. */
export type DeviceMessage<T> = { ok: true; value: T } | { ok: false; fault: DeviceFault }

/** most bytes of a message in which a device speaks of itself */
export const maxDeviceMessageBytes = 16_384

/** The text of a message. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}
