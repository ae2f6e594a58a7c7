import { minuteMs } from '#telemetry/durations.ts'
import type { Shortcut } from '../ui/shortcuts.ts'
import type { Timeline } from './timeline.svelte.ts'

/** what an arrow steps over, ms; with Shift ten times that */
const stepMs = minuteMs

const isOn = ({ target }: KeyboardEvent, selector: string) => target instanceof HTMLElement && target.matches(selector)

/** What keys do while a replay is shown. */
export function replayShortcuts(timeline: Timeline): Shortcut[] {
  const step = ({ key, shiftKey }: KeyboardEvent) =>
    timeline.replay?.step((key === 'ArrowLeft' ? -1 : 1) * stepMs * (shiftKey ? 10 : 1))
  return [
    {
      keys: ['l', 'Shift+l'],
      what: { vi: 'Về trực tiếp', en: 'Back to live' },
      when: () => timeline.replay !== undefined,
      run: () => timeline.returnToLive(),
    },
    {
      keys: [' '],
      what: { vi: 'Phát hoặc dừng', en: 'Play or pause' },
      // a button is pressed by the space bar
      when: (event) => timeline.replay !== undefined && !isOn(event, 'button, a, summary'),
      run: () => timeline.replay?.toggle(),
    },
    {
      keys: ['ArrowLeft', 'ArrowRight'],
      what: { vi: 'Lùi hoặc tới 1 phút (Shift: 10 phút)', en: 'Back or on by 1 minute (Shift: 10)' },
      // a map is moved by arrows
      when: (event) => timeline.replay !== undefined && !isOn(event, 'canvas'),
      run: step,
    },
    {
      keys: ['[', ']'],
      what: { vi: 'Lùi hoặc tới 1 ngày', en: 'Back or on by 1 day' },
      when: () => timeline.replay !== undefined,
      run: ({ key }) => void timeline.shiftDay(key === '[' ? -1 : 1),
    },
  ]
}
