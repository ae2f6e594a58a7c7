import type { Alert } from '#telemetry/alert.ts'
import { clockOffWords } from '#telemetry/clock-words.ts'
import { unitText } from '#telemetry/units.ts'
import { valueInfo } from '#telemetry/values.ts'
import type { Page } from '../app/page.svelte.ts'
import { alertTexts } from './texts.ts'

type Sized = Pick<Alert, 'cause' | 'kind' | 'value' | 'valueName' | 'limit' | 'unit'>

/** digits after the point of an index: a congestion index is a small ratio, VN_AQI a whole number */
const indexDigits = (value: number) => (Math.abs(value) < 20 && !Number.isInteger(value) ? 2 : 0)

function sized(page: Page, alert: Sized, value: number | string): string {
  const info = alert.valueName === undefined ? undefined : valueInfo(alert.kind, alert.valueName)
  if (info) return page.format.value(info, value)
  if (typeof value === 'string') return value
  const text = page.format.number(value, indexDigits(value))
  return alert.unit === '' ? text : `${text} ${unitText(alert.unit, page.language)}`
}

/** What was measured when it was raised, with its unit and the limit; empty for what has no size. */
export function valueWords(page: Page, alert: Sized): string {
  if (alert.value === undefined) return ''
  if (alert.cause === 'clock') return page.t.clockWrong(clockOffWords(Number(alert.value) * 1_000, page.language))
  const value = sized(page, alert, alert.value)
  if (alert.limit === undefined) return value
  return `${value} (${alertTexts[page.language].limit(sized(page, alert, alert.limit))})`
}

/** Where it is: the sensor's name, or how many sensors in which ward. */
export function placeWords(page: Page, alert: Pick<Alert, 'sensors' | 'district' | 'ward'>): string {
  // the registry is plain data: this brings names that come after the alert
  void page.live.places
  const [first = '', ...others] = alert.sensors
  const sensor = page.live.registry.get(first)
  if (others.length === 0) return sensor ? page.nameOf(sensor) : first
  return `${alertTexts[page.language].sensors(page.format.number(alert.sensors.length))}, ${areaWords(page, alert)}`
}

/** The ward, or the district when nobody said which ward. */
export function areaWords(page: Page, { district, ward }: Pick<Alert, 'district' | 'ward'>): string {
  const wards = page.districts.find(({ id }) => id === district)?.wards
  return wards?.find(({ id }) => id === ward)?.name[page.language] ?? page.districtName(district)
}

/** Name and place in one line. */
export function alertWords(page: Page, alert: Alert): string {
  return `${alert.name[page.language]} – ${placeWords(page, alert)}`
}
