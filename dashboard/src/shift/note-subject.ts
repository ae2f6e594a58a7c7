import type { NewAttachment } from '#telemetry/shift-log.ts'

/** What a note that is begun by a key is about: the alert whose row has the focus, or else the sensor whose panel is open. */
export function attachmentAt(focused: Element | null, sensor: string | undefined): NewAttachment | undefined {
  const row = focused?.closest('[data-row]')
  const alerts = row?.querySelectorAll<HTMLElement>('[data-alert]')
  const id = alerts?.length === 1 ? alerts[0]?.dataset.alert : undefined
  if (id !== undefined) return { type: 'alert', id }
  return sensor === undefined ? undefined : { type: 'sensor', id: sensor }
}
