import type { Page } from '../app/page.svelte.ts'
import type { Shortcut } from '../ui/shortcuts.ts'

/** what an arrow steps over, ms; with Shift ten times that */
const stepMs = 60_000

const isOn = ({ target }: KeyboardEvent, selector: string) => target instanceof HTMLElement && target.matches(selector)

/** What keys do while a replay is shown. */
export function replayShortcuts(page: Page): Shortcut[] {
  const step = ({ key, shiftKey }: KeyboardEvent) =>
    page.replay?.step((key === 'ArrowLeft' ? -1 : 1) * stepMs * (shiftKey ? 10 : 1))
  return [
    {
      keys: ['l', 'Shift+l'],
      what: { vi: 'Về trực tiếp', en: 'Back to live' },
      when: () => page.replay !== undefined,
      run: () => page.returnToLive(),
    },
    {
      keys: [' '],
      what: { vi: 'Phát hoặc dừng', en: 'Play or pause' },
      // a button is pressed by the space bar
      when: (event) => page.replay !== undefined && !isOn(event, 'button, a, summary'),
      run: () => page.replay?.toggle(),
    },
    {
      keys: ['ArrowLeft', 'ArrowRight'],
      what: { vi: 'Lùi hoặc tới 1 phút (Shift: 10 phút)', en: 'Back or on by 1 minute (Shift: 10)' },
      // a map is moved by arrows
      when: (event) => page.replay !== undefined && !isOn(event, 'canvas'),
      run: step,
    },
  ]
}
