import { createContext } from 'svelte'
import type { OnDuty } from '#telemetry/hand-over.ts'
import type { NewAttachment } from '#telemetry/shift-log.ts'
import { shiftStateSchema } from '#telemetry/shift-rest.ts'
import type { LiveState } from '../live/live-state.svelte.ts'

/** A note of the shift log that is being written: what it is about, or which note it corrects. */
export interface NoteDraft {
  attachment?: NewAttachment | undefined
  corrects?: { id: string; text: string }
}

/** Who is on duty, as the live feed tells, and the note that is being written. */
export class Shift {
  /** longest first */
  onDuty = $state.raw<readonly OnDuty[]>([])
  /** id of the newest entry of the shift log: another one says that there is something new */
  newest = $state<string>()
  loaded = $state(false)
  /** shown in a dialog; none when undefined */
  draft = $state.raw<NoteDraft>()

  /** Follows the open feed until the returned function is called. */
  follow(live: LiveState): () => void {
    return live.hear(
      'shift',
      shiftStateSchema,
      (state) => {
        this.set(state)
      },
      'onDuty',
    )
  }

  set({ onDuty, newest }: { onDuty: readonly OnDuty[]; newest?: string | undefined }): void {
    this.onDuty = onDuty
    this.newest = newest
    this.loaded = true
  }
}

export const [getShift, provideShift] = createContext<Shift>()
