import type { Page } from '../page.svelte.ts'

/** what an arrow steps over, ms; with Shift ten times that */
const stepMs = 60_000

/** Keys that a control in focus needs for itself. */
function isTaken(event: KeyboardEvent): boolean {
  const { target, key } = event
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement && target.type === 'range') return false
  if (target.isContentEditable || target.matches('input, select, textarea')) return true
  // a button is pressed by the space bar, a map is moved by arrows
  return key === ' ' ? target.matches('button, a, summary') : key.startsWith('Arrow') && target.matches('canvas')
}

/** While a replay is shown: `L` back to the present, space plays and pauses, arrows step. */
export function handleReplayKey(event: KeyboardEvent, page: Page): void {
  const { replay } = page
  if (!replay || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return
  const by = stepMs * (event.shiftKey ? 10 : 1)
  switch (event.key) {
    case 'l':
    case 'L':
      page.returnToLive()
      break
    case ' ':
      replay.toggle()
      break
    case 'ArrowLeft':
      replay.step(-by)
      break
    case 'ArrowRight':
      replay.step(by)
      break
    default:
      return
  }
  event.preventDefault()
}
