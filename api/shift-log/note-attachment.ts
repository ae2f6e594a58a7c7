import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import { type Alert, alertEventSchema } from '#telemetry/alert.ts'
import type { District } from '#telemetry/district.ts'
import type { Attachment, NewAttachment } from '#telemetry/shift-log.ts'
import type { SensorRegistry } from '../sensors/sensor-registry.ts'
import { ApiProblem } from '../server/problems.ts'

interface AttachmentParts {
  store: TelemetryStore
  alerts: { get(id: string): Alert | undefined }
  sensors: SensorRegistry
  districts: readonly District[]
}

async function findAlert({ store, alerts }: AttachmentParts, id: string, context: QueryContext): Promise<Alert> {
  const open = alerts.get(id)
  if (open) return open
  const [step] = await store.readEvents({ stream: 'alert', subject: id, limit: 1 }, context)
  const alert = alertEventSchema.safeParse(step?.body).data?.alert
  if (!alert) throw new ApiProblem('NOT_FOUND', { code: 'NO_SUCH_ALERT', params: { id } })
  return alert
}

function findArea(districts: readonly District[], districtId: string, wardId: string | undefined) {
  const district = districts.find(({ id }) => id === districtId)
  const ward = district?.wards.find(({ id }) => id === wardId)
  const found = wardId === undefined ? district : ward
  if (!found) throw new ApiProblem('NOT_FOUND', { code: 'NO_SUCH_AREA', params: { id: wardId ?? districtId } })
  return found
}

/** What a note is about, with the name it has now, so that the note can be read when that is gone. @throws ApiProblem when there is no such thing */
export async function nameAttachment(
  parts: AttachmentParts,
  given: NewAttachment,
  context: QueryContext,
): Promise<Attachment> {
  if (given.type === 'point') return given
  if (given.type === 'area') return { ...given, name: findArea(parts.districts, given.district, given.ward).name }
  if (given.type === 'alert') {
    const { name, priority, sensors } = await findAlert(parts, given.id, context)
    return { ...given, name, priority, sensor: sensors[0] ?? '' }
  }
  const sensor = parts.sensors.get(given.id)
  if (!sensor) throw new ApiProblem('UNKNOWN_SENSOR', { code: 'NO_SUCH_SENSOR', params: { id: given.id } })
  return { ...given, ...(sensor.meta && { name: sensor.meta.name }) }
}
