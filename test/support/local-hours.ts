/** Zones whose clocks are off UTC by other than whole hours, change by half an hour or a whole one, or changed for good. */
export const oddZones = [
  ['Asia/Ho_Chi_Minh', Date.UTC(2026, 10, 20, 6, 25)],
  ['Asia/Kolkata', Date.UTC(2026, 10, 20, 6, 25)],
  ['Asia/Kathmandu', Date.UTC(2026, 10, 20, 6, 25)],
  ['Australia/Lord_Howe', Date.UTC(2026, 3, 4, 17, 40)],
  ['Australia/Lord_Howe', Date.UTC(2026, 9, 3, 18, 10)],
  ['America/St_Johns', Date.UTC(2026, 2, 8, 9, 5)],
  ['Europe/Berlin', Date.UTC(2026, 9, 25, 3, 20)],
  ['Pacific/Chatham', Date.UTC(2026, 3, 4, 17, 50)],
  ['Asia/Pyongyang', Date.UTC(2018, 4, 4, 18, 20)],
] as const

const minuteMs = 60_000

/** What the clock of a zone shows in a minute, but for the minute: hours in which it shows the same are one. */
function shownBy(zone: string): (minute: number) => string {
  const format = new Intl.DateTimeFormat('en', {
    ...{ timeZone: zone, timeZoneName: 'longOffset', hourCycle: 'h23' },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit' },
  })
  return (minute) => format.format(minute)
}

/** The hours of the clock of a zone in a span (epoch ms), found by looking at each minute; the first and the last may be cut off. */
export function localHours(zone: string, from: number, to: number): { from: number; to: number }[] {
  const shown = shownBy(zone)
  const hours: { from: number; to: number }[] = []
  let last = ''
  for (let minute = Math.floor(from / minuteMs) * minuteMs; minute < to; minute += minuteMs) {
    const now = shown(minute)
    const hour = hours.at(-1)
    if (hour && now === last) hour.to = minute + minuteMs
    else hours.push({ from: minute, to: minute + minuteMs })
    last = now
  }
  return hours
}
