import type { Window } from '#telemetry/rest.ts'

/** Zones whose clocks change by an hour, by half of one, at midnight, by two hours, or never. */
export const zones = [
  'Asia/Ho_Chi_Minh',
  'UTC',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/New_York',
  'Europe/Berlin',
  'America/St_Johns',
  'Africa/Cairo',
  'Asia/Beirut',
  'America/Havana',
  'America/Santiago',
  'Pacific/Chatham',
  'Africa/Casablanca',
  'Antarctica/Troll',
  'Atlantic/Azores',
]

const formats = new Map<string, Intl.DateTimeFormat>()

/** What the clocks of a zone show at a moment (epoch ms), by Intl alone. */
function shown(ts: number, zone: string): Record<string, string> {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone: zone, hourCycle: 'h23', timeZoneName: 'longOffset', weekday: 'short' },
      ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
    })
  formats.set(zone, format)
  return Object.fromEntries(format.formatToParts(ts).map(({ type, value }) => [type, value]))
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const minutesOf = { '1m': 1, '5m': 5, '15m': 15, '1h': 60 } as const

/** A name of the local minute, hour, day, week, month or year that holds a moment: the same within it, another outside. */
export function localBucket(ts: number, zone: string, window: Window): string {
  const { year, month, day, hour, minute, weekday, timeZoneName } = shown(ts, zone)
  switch (window) {
    case '1y':
      return `${year}`
    case '1mo':
      return `${year}-${month}`
    case '1w': {
      const monday = Date.UTC(Number(year), Number(month) - 1, Number(day) - weekdays.indexOf(`${weekday}`))
      return `week of ${new Date(monday).toISOString().slice(0, 10)}`
    }
    case '1d':
      return `${year}-${month}-${day}`
    default: {
      const part = Math.floor((Number(hour) * 60 + Number(minute)) / minutesOf[window])
      // an hour that the clocks show twice is two
      return `${year}-${month}-${day} part ${part} ${timeZoneName}`
    }
  }
}

const hourMs = 3_600_000

/** Whole hours near which the clocks of a zone change in 2025, or the turn of the year. */
export function changesIn2025(zone: string): number[] {
  const changes = [Date.UTC(2025, 0, 1)]
  for (let ts = Date.UTC(2025, 0, 1); ts < Date.UTC(2026, 0, 1); ts += hourMs)
    if (shown(ts, zone).timeZoneName !== shown(ts + hourMs, zone).timeZoneName) changes.push(ts + hourMs)
  return changes
}
