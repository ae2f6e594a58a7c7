import type { Road } from '#city/roads.ts'
import type { Acknowledgement } from '#telemetry/command.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { Words } from '#telemetry/language.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import type { SimulatedSensor } from '../sensor.ts'

/** What a device of its own mind does beside measuring. */
export interface Controller {
  /** Takes the payload of its `cmd` topic and gives the answer; undefined when it names no command to answer. */
  obey(payload: string, now: number): Acknowledgement | undefined
  /** What it measures at `ts` (epoch ms); later each time. */
  valuesAt(ts: number): Reading['values']
}

/** How sensors of one kind are simulated. */
export interface SimulatedKind<Id extends Kind = Kind> {
  /** what such a device is called in the name of a sensor */
  called: Words
  /** s between two readings: short, so that the map moves */
  period: number
  /** part of all sensors; `rest`: what the other kinds leave; `onTop`: so many beside those that are counted */
  share: number | 'rest' | { onTop: number }
  /** where they stand: so many m beside the roads or the waterways, or anywhere in the wards */
  stands: { beside: 'roads' | 'waterways'; metres: number } | 'in-wards'
  /** What it says at `ts` (epoch ms). The same sensor, time and seed give the same values, live and in history. */
  valuesAt(sensor: SimulatedSensor, ts: number, seed: number): Extract<Reading, { kind: Id }>['values']
  /** what such a sensor says of itself beside what all do, by the class of its road and its number (from 1) there */
  ratingOf?(road: Road['class'], random: () => number, onItsPlace: number): Partial<SensorMeta>
  /** a fault that the sensor of this number (from 1) of its district has for good */
  faultOf?(number: number, random: () => number): SimulatedSensor['fault']
  control?(sensor: SimulatedSensor, seed: number): Controller
}
