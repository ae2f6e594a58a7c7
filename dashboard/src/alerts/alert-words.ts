import type { Alert } from '#telemetry/alert.ts'
import { alertSizeWords, type SizedAlert } from '#telemetry/alert-size-words.ts'
import { getLocale } from '../i18n/locale.svelte.ts'
import { getDistricts } from '../live/districts.svelte.ts'
import { getLive } from '../live/live-state.svelte.ts'
import { getOpenAlerts } from './open-alerts.svelte.ts'
import { alertTexts } from './texts.ts'

/** How alerts are put into words, in the language of the page; to be called while a component is made. */
export function getAlertWords() {
  const locale = getLocale()
  const districts = getDistricts()
  const live = getLive()
  const openAlerts = getOpenAlerts()

  /** What was measured when it was raised, with its name, unit and limit; empty for what has no size. */
  const value = (alert: SizedAlert): string => alertSizeWords(alert, locale.language, locale.format.number)

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

  /** The area beside a place that does not say it already; empty where it does. */
  const areaBeside = (alert: Pick<Alert, 'sensors' | 'district' | 'ward'>): string =>
    place(alert).includes(area(alert)) ? '' : area(alert)

  /** By whose command it is, and until when; empty where no command is the reason. */
  const commanded = ({ commanded: by }: Pick<Alert, 'commanded'>): string => (by ? locale.commanded(by) : '')

  /** Name and place in one line. */
  const title = (alert: Alert): string => `${alert.name[locale.language]} – ${place(alert)}`

  /** How many alerts of the moment shown there are, as far as that is known. */
  function count(alerts: number): string {
    if (openAlerts.kept === 'none') return '–'
    return `${openAlerts.kept === 'some' ? '≥ ' : ''}${locale.format.number(alerts)}`
  }

  return { value, commanded, place, area, areaBeside, title, count }
}
