import { z } from 'zod'
import type { Words } from '../../language.ts'
import type { TravelDirection } from '../../travel-direction.ts'
import { battery, defineKind, number, refusal, share, word } from '../define-kind.ts'
import { congestion } from './conditions.ts'
import { congestionIndex, congestionLimits, congestionOf } from './congestion.ts'

const count = z.number().int().min(0).max(100_000)
/** Vehicles of one observation period. */
const vehicles = (vi: string, en: string) => ({
  ...number('vehicles', 0, count, vi, en),
  perPeriod: true as const,
})

/** km/h that no vehicle on these roads drives on average. Own choice. */
const topSpeed = 150

/** the classes of vehicles that add up to the intensity */
const classes = ['motorbikes', 'cars', 'buses', 'trucks'] as const

const list = (names: readonly string[], and: string) => `${names.slice(0, -1).join(', ')} ${and} ${names.at(-1) ?? ''}`

/** A traffic counter; its values are of one observation period (FIWARE Smart Data Models, TrafficFlowObserved). */
export const traffic = defineKind({
  id: 'traffic',
  names: { vi: 'Giao thông', en: 'Traffic' },
  called: { vi: 'điểm đếm xe', en: 'a traffic counter' },
  values: {
    /** absent when nothing passed */
    averageVehicleSpeed: number('km/h', 1, z.number().min(0).max(200), 'Tốc độ trung bình', 'Average speed'),
    /** in the observation period, all classes; absent when only other values were good */
    intensity: vehicles('Lưu lượng', 'Vehicles'),
    /** share of the period a vehicle stood over the detector */
    occupancy: share('Độ chiếm dụng', 'Occupancy'),
    motorbikes: vehicles('Xe máy', 'Motorbikes'),
    cars: vehicles('Ô tô', 'Cars'),
    buses: vehicles('Xe buýt', 'Buses'),
    trucks: vehicles('Xe tải', 'Trucks'),
    /** between two vehicles */
    averageHeadwayTime: number('s', 1, z.number().min(0).max(86_400), 'Giãn cách trung bình', 'Average headway'),
    batteryLevel: battery,
  },
  refusals: {
    PARTS_DISAGREE: refusal(
      z.object({ total: z.number(), parts: z.array(z.string()), sum: z.number() }),
      ({ total, parts, sum }) => `là ${total}, nhưng ${list(parts, 'và')} cộng lại là ${sum}`,
      ({ total, parts, sum }) => `is ${total}, but ${list(parts, 'and')} add up to ${sum}`,
    ),
  },
  check({ intensity, motorbikes, cars, buses, trucks }, refuse) {
    if (intensity === undefined || motorbikes === undefined || cars === undefined) return
    if (buses === undefined || trucks === undefined) return
    const sum = motorbikes + cars + buses + trucks
    if (sum !== intensity)
      refuse('PARTS_DISAGREE', { total: intensity, parts: [...classes], sum }, 'intensity', ...classes)
  },
  meta: {
    /** at this place */
    freeFlowSpeed: number('km/h', 0, z.number().min(1).max(200), 'Tốc độ tự do', 'Free-flow speed'),
    /** along its road, as the city draws it */
    laneDirection: word(
      { forward: { vi: 'chiều đi', en: 'forward' }, backward: { vi: 'chiều về', en: 'backward' } } satisfies Record<
        TravelDirection,
        Words
      >,
      'Chiều đường',
      'Direction',
    ),
  },
  causes: ['slow', 'jammed'],
  finding(values, meta) {
    const index = congestionIndex(values, meta)
    const flow = index === undefined ? 'free' : congestionOf(index)
    return flow === 'free' ? undefined : { cause: flow }
  },
  limits(name, meta) {
    if (name !== 'averageVehicleSpeed' || meta?.freeFlowSpeed === undefined) return []
    return [
      { value: meta.freeFlowSpeed / congestionLimits.slow, vi: 'chậm', en: 'slow' },
      { value: meta.freeFlowSpeed / congestionLimits.jammed, vi: 'ùn tắc', en: 'jammed' },
    ]
  },
  // a speed of nobody cannot be; who did not tell how many passed may tell how fast
  isPlausible: ({ intensity, averageVehicleSpeed: speed }) =>
    speed === undefined || (intensity !== 0 && speed <= topSpeed),
  conditions: [congestion],
  // congestion index by TomTom and HERE
  rules: {
    'road-jammed': {
      name: { vi: 'Ùn tắc kéo dài', en: 'Road jammed' },
      priority: 2,
      condition: { type: 'congestion', index: 2, hysteresis: 0.3, forSeconds: 600 },
    },
    'traffic-silent': {
      name: { vi: 'Bộ đếm xe mất tín hiệu', en: 'Traffic counter silent' },
      priority: 3,
      condition: { type: 'silence', periods: 3, minSeconds: 60 },
    },
    'speed-stuck': {
      name: { vi: 'Bộ đếm xe báo tốc độ không đổi', en: 'Traffic counter reports one speed' },
      priority: 3,
      condition: { type: 'stuck', value: 'averageVehicleSpeed', forSeconds: 3_600 },
    },
    'traffic-clock': {
      name: { vi: 'Đồng hồ bộ đếm xe sai giờ', en: 'Traffic counter has a wrong clock' },
      priority: 2,
      condition: { type: 'clock' },
    },
  },
})

export type TrafficValues = z.infer<typeof traffic.schema>
