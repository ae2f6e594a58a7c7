import type { Kind } from './kinds.ts'
import { type Unit, unitCodes } from './units.ts'

/** How one value of a kind is called, measured and written. */
export interface ValueInfo {
  name: string
  type: 'number' | 'word'
  /** unit as shown, the same in every language; empty when there is none. `share` values are 0–1 and shown in per cent */
  unit: Unit
  share?: true
  /** counted anew in each of the sensor's periods: it means nothing without knowing how long that is */
  perPeriod?: true
  /** digits after the decimal point on the screen */
  digits: number
  vi: string
  en: string
}

const number = (name: string, unit: Unit, digits: number, vi: string, en: string): ValueInfo => ({
  name,
  type: 'number',
  unit,
  digits,
  vi,
  en,
})
const vehicles = (name: string, vi: string, en: string): ValueInfo => ({
  ...number(name, 'vehicles', 0, vi, en),
  perPeriod: true,
})
const share = (name: string, vi: string, en: string): ValueInfo => ({
  name,
  type: 'number',
  unit: '%',
  share: true,
  digits: 0,
  vi,
  en,
})
const word = (name: string, vi: string, en: string): ValueInfo => ({ name, type: 'word', unit: '', digits: 0, vi, en })

const battery = share('batteryLevel', 'Pin', 'Battery')

/** Every value of every kind, in the order it is shown; the first is the kind's leading value. */
export const valuesOfKind: Readonly<Record<Kind, readonly ValueInfo[]>> = {
  traffic: [
    number('averageVehicleSpeed', 'km/h', 1, 'Tốc độ trung bình', 'Average speed'),
    vehicles('intensity', 'Lưu lượng', 'Vehicles'),
    share('occupancy', 'Độ chiếm dụng', 'Occupancy'),
    vehicles('motorbikes', 'Xe máy', 'Motorbikes'),
    vehicles('cars', 'Ô tô', 'Cars'),
    vehicles('buses', 'Xe buýt', 'Buses'),
    vehicles('trucks', 'Xe tải', 'Trucks'),
    number('averageHeadwayTime', 's', 1, 'Giãn cách trung bình', 'Average headway'),
    battery,
  ],
  lighting: [
    number('activePower', 'W', 1, 'Công suất', 'Power'),
    word('powerState', 'Trạng thái đèn', 'Lamp state'),
    share('illuminanceLevel', 'Mức sáng yêu cầu', 'Dimming level'),
    number('voltage', 'V', 1, 'Điện áp', 'Voltage'),
    number('energy', 'kWh', 2, 'Điện năng', 'Energy'),
    number('lampHours', 'h', 0, 'Giờ cháy', 'Burning hours'),
    word('fault', 'Sự cố', 'Fault'),
    battery,
  ],
  'air-quality': [
    number('pm25', 'µg/m³', 1, 'PM2.5', 'PM2.5'),
    number('pm10', 'µg/m³', 1, 'PM10', 'PM10'),
    number('no2', 'µg/m³', 1, 'NO₂', 'NO₂'),
    number('so2', 'µg/m³', 1, 'SO₂', 'SO₂'),
    number('o3', 'µg/m³', 1, 'O₃', 'O₃'),
    number('co', 'µg/m³', 0, 'CO', 'CO'),
    number('temperature', '°C', 1, 'Nhiệt độ', 'Temperature'),
    share('relativeHumidity', 'Độ ẩm', 'Relative humidity'),
    number('noiseLAeq', 'dB(A)', 1, 'Tiếng ồn', 'Noise'),
    battery,
  ],
}

/** The description of one value of a kind, or undefined when the kind has no such value. */
export function valueInfo(kind: Kind, name: string): ValueInfo | undefined {
  return valuesOfKind[kind].find((info) => info.name === name)
}

/** In what a value is given to programs: the unit as shown and its UCUM code; a word has none. */
export interface GivenUnit {
  unit: Unit
  unitCode?: (typeof unitCodes)[Unit]
}

/** The unit in which values of this description are measured and answered: a share as 0 to 1. */
export function givenUnit({ type, unit, share }: Pick<ValueInfo, 'type' | 'unit' | 'share'>): GivenUnit {
  if (type === 'word') return { unit: '' }
  const given = share ? '' : unit
  return { unit: given, unitCode: unitCodes[given] }
}
