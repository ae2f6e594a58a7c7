import type { Alert } from '#telemetry/alert.ts'
import { clockOffWords } from '#telemetry/clock-words.ts'
import { unitText } from '#telemetry/units.ts'
import { valueInfo } from '#telemetry/values.ts'
import { getLocale } from '../i18n/locale.svelte.ts'
import { getDistricts } from '../live/districts.svelte.ts'
import { getLive } from '../live/live-state.svelte.ts'
import { alertTexts } from './texts.ts'

type Sized = Pick<Alert, 'cause' | 'kind' | 'value' | 'valueName' | 'limit' | 'unit'>

/** digits after the point of an index: a congestion index is a small ratio, VN_AQI a whole number */
const indexDigits = (value: number) => (Math.abs(value) < 20 && !Number.isInteger(value) ? 2 : 0)

/** How alerts are put into words, in the language of the page; to be called while a component is made. */
export function getAlertWords() {
  const locale = getLocale()
  const districts = getDistricts()
  const live = getLive()

  function sized(alert: Sized, value: number | string): string {
    const { format, language } = locale
    const info = alert.valueName === undefined ? undefined : valueInfo(alert.kind, alert.valueName)
    if (info) return format.value(info, value)
    if (typeof value === 'string') return value
    const text = format.number(value, indexDigits(value))
    return alert.unit === '' ? text : `${text} ${unitText(alert.unit, language)}`
  }

  /** What was measured when it was raised, with its unit and the limit; empty for what has no size. */
  function value(alert: Sized): string {
    const { language, t } = locale
    if (alert.value === undefined) return ''
    if (alert.cause === 'clock') return t.clockWrong(clockOffWords(Number(alert.value) * 1_000, language))
    const measured = sized(alert, alert.value)
    if (alert.limit === undefined) return measured
    return `${measured} (${alertTexts[language].limit(sized(alert, alert.limit))})`
  }

  /** The ward, or the district when nobody said which ward. */
  const area = ({ district, ward }: Pick<Alert, 'district' | 'ward'>): string =>
    districts.wardName(district, ward) ?? districts.nameOf(district)

  /** Where it is: the sensor's name, or how many sensors in which ward. */
  function place(alert: Pick<Alert, 'sensors' | 'district' | 'ward'>): string {
    // the registry is plain data: this brings names that come after the alert
    void live.places
    const [first = '', ...others] = alert.sensors
    const sensor = live.registry.get(first)
    if (others.length === 0) return sensor ? locale.nameOf(sensor) : first
    return `${alertTexts[locale.language].sensors(locale.format.number(alert.sensors.length))}, ${area(alert)}`
  }

  /** Name and place in one line. */
  const title = (alert: Alert): string => `${alert.name[locale.language]} – ${place(alert)}`

  return { value, place, area, title }
}
