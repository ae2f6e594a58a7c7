import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createVnAqiCheck } from '#alerts/kinds/air-quality.ts'
import { ClockHours } from '#telemetry/clock-hours.ts'
import type { Reading } from '#telemetry/reading.ts'
import { hourlyVnAqi } from '#telemetry/vn-aqi-periods.ts'
import { localHours, oddZones } from '../support/local-hours.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

describe('the hours of the clock of a zone', () => {
  it.each(oddZones)('are those that it shows, looked at minute by minute: %s', (zone, around) => {
    const hours = new ClockHours(zone)
    const seen = localHours(zone, around - 20 * hourMs, around + 20 * hourMs)
    fc.assert(
      fc.property(fc.integer({ min: -1_080, max: 1_080 }), fc.nat(minuteMs - 1), (minute, ms) => {
        const at = around + minute * minuteMs + ms
        expect(hours.of(at)).toEqual(seen.find(({ from, to }) => at >= from && at < to))
      }),
    )
    const before = hours.before(around, 12)
    const now = seen.findIndex(({ from, to }) => around >= from && around < to)
    expect(before).toEqual(seen.slice(now - 12, now).reverse())
  })

  it('are those of any zone at any time', () => {
    const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
    const at = fc.integer({ min: Date.UTC(2001, 0, 1), max: Date.UTC(2037, 0, 1) })
    fc.assert(
      fc.property(zone, at, (zone, at) => {
        const seen = localHours(zone, at - 2 * hourMs, at + 2 * hourMs)
        expect(new ClockHours(zone).of(at)).toEqual(seen.find(({ from, to }) => at >= from && at < to))
      }),
    )
  })
})

describe('the hourly VN_AQI that alerts go by', () => {
  it.each(oddZones)('is that of the hours of the clock: %s', (zone, around) => {
    const look = createVnAqiCheck({ type: 'vn-aqi', band: 'moderate', hysteresis: 5 }, { hours: new ClockHours(zone) })
    const seen = localHours(zone, around - 20 * hourMs, around + 4 * hourMs)
    // another level each quarter of an hour: what is put into another hour shows
    const pm25 = (ts: number) => 60 + ((Math.floor(ts / (15 * minuteMs)) * 37) % 120)
    const told: [number, number | undefined][] = []
    const first = seen[1]?.from ?? 0
    for (let ts = first; ts < around + 3 * hourMs; ts += minuteMs) {
      const reading: Reading = {
        ...{ district: 'tay-ninh', kind: 'air-quality', sensor: 'aq-1', ts },
        values: { pm25: pm25(ts) },
      }
      const found = look(reading, { period: 60 } as Parameters<typeof look>[1]) // it looks at the period alone
      if (found?.is === 'abnormal') told.push([ts, Number(found.finding.value)])
    }
    const meanOf = ({ from, to }: { from: number; to: number }) => {
      const values = Array.from({ length: (to - from) / minuteMs }, (_, at) => pm25(from + at * minuteMs))
      return values.reduce((sum, value) => sum + value, 0) / values.length
    }
    const ends = seen.slice(3).filter(({ from }) => from < around + 3 * hourMs)
    const expected = ends.map(({ from }) => {
      const before = seen
        .filter((hour) => hour.to <= from && hour.from >= first)
        .slice(-12)
        .reverse()
      return [from, hourlyVnAqi({ pm25: before.map(meanOf) })?.index]
    })
    expect(told).toEqual(expected)
  })
})
