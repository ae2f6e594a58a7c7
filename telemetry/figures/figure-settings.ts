import { z } from 'zod'
import type { Dimming } from './lighting-figures.ts'
import { type PassengerCarUnits, passengerCarUnitsSchema } from './traffic-figures.ts'

/** What official figures of an installation are reckoned with. */
export interface FigureSettings {
  passengerCarUnits: PassengerCarUnits
  /** when lamps are to be dimmed, and how much */
  dimmings: readonly Dimming[]
  /** h of a lamp that does not say its rated life */
  ratedHours: number
}

const parts = (text: string) => text.split(/[ ,]+/).filter((part) => part !== '')

/** A text that a function understands; its message tells how to write it. */
const understood =
  <Value>(parse: (text: string) => Value | undefined, message: string) =>
  (text: string, context: z.RefinementCtx) => {
    const parsed = parse(text)
    if (parsed !== undefined) return parsed
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }

/** `motorbikes=0.3,cars=1,buses=2.5,trucks=2.5` */
function unitsOf(text: string): PassengerCarUnits | undefined {
  const factors = parts(text).map((part) => {
    const [name = '', factor = ''] = part.split('=')
    return [name, factor === '' ? Number.NaN : Number(factor)] as const
  })
  return passengerCarUnitsSchema.strict().safeParse(Object.fromEntries(factors)).data
}

/** `23:00` as minutes of the day. */
function minutesOf(time: string): number | undefined {
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(time) ?? []
  const minutes = Number(hour) * 60 + Number(minute)
  return Number(hour) < 24 && Number(minute) < 60 ? minutes : undefined
}

/** `23:00-05:00=50%` */
function dimmingOf(part: string): Dimming | undefined {
  const [, begin = '', end = '', percent = ''] = /^([\d:]+)-([\d:]+)=(\d{1,3})%$/.exec(part) ?? []
  const [from, to, level] = [minutesOf(begin), minutesOf(end), Number(percent) / 100]
  return from === undefined || to === undefined || percent === '' || level > 1 ? undefined : { from, to, level }
}

/** Minutes from noon on: times of one night in their order. */
const sinceNoon = (minutes: number) => (minutes + 720) % 1_440

/** Several such, which lie between two noons and do not overlap; `none` is none. */
function dimmingsOf(text: string): Dimming[] | undefined {
  if (text.trim() === 'none') return []
  const found = parts(text).map(dimmingOf)
  const dimmings = found.filter((each) => each !== undefined).sort((a, b) => sinceNoon(a.from) - sinceNoon(b.from))
  const isInOrder = dimmings.every(({ from, to }, at) => {
    const next = dimmings[at + 1]
    return sinceNoon(from) < sinceNoon(to) && (!next || sinceNoon(to) <= sinceNoon(next.from))
  })
  return found.length > 0 && dimmings.length === found.length && isInOrder ? dimmings : undefined
}

/** The settings that say so, of every service that gives official figures. */
export const figureSettingsShape = {
  PASSENGER_CAR_UNITS: z
    .string()
    .default('motorbikes=0.3,cars=1,buses=2.5,trucks=2.5')
    .transform(
      understood(unitsOf, 'must be a number from 0 to 20 of each class, as motorbikes=0.3,cars=1,buses=2.5,trucks=2.5'),
    )
    .describe('passenger-car units of one vehicle of each class (TCVN 4054)'),
  LAMP_DIMMING: z
    .string()
    .default('23:00-05:00=50%')
    .transform(understood(dimmingsOf, 'must be none, or times of one night that do not overlap, as 23:00-05:00=50%'))
    .describe('times in which lamps are to be dimmed, each with its share of full light; none: never'),
  LAMP_RATED_HOURS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(50_000)
    .describe('burning hours that a lamp is made for, where it does not say so itself'),
}

/** What the settings say. */
export function figureSettingsOf(config: z.infer<z.ZodObject<typeof figureSettingsShape>>): FigureSettings {
  return {
    passengerCarUnits: config.PASSENGER_CAR_UNITS,
    dimmings: config.LAMP_DIMMING,
    ratedHours: config.LAMP_RATED_HOURS,
  }
}

/** Where no setting says anything. */
export const defaultFigureSettings: FigureSettings = figureSettingsOf(z.object(figureSettingsShape).parse({}))
