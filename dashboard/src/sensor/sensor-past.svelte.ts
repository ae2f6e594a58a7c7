import { untrack } from 'svelte'
import type { Timeline } from '../replay/timeline.svelte.ts'

/** ms between two looks whether the moment of a replay has moved on */
const followMs = 2_000

/** What is asked for, of which sensor, up to which moment (epoch ms). */
interface PastQuestion<Answer> {
  timeline: Timeline
  id: string
  ask: (id: string, to: number) => Promise<Answer>
}

/** Something of a sensor's past, as of the moment that is shown. */
export class SensorPast<Answer> {
  found = $state.raw<Answer>()
  failed = $state(false)
  #askedAt = 0

  /**
   * Asks now and again: in the present every `everyMs`, in a replay once its moment has moved by `movedMs`. To be called while a
   * component is made, which ends it.
   */
  follow(question: () => PastQuestion<Answer>, { everyMs, movedMs }: { everyMs: number; movedMs: number }): void {
    $effect(() => {
      const { timeline, id, ask } = question()
      const isReplay = timeline.replay !== undefined
      let gone = false
      const load = async () => {
        const to = Math.round(timeline.scene.moment())
        this.#askedAt = to
        const answer = await ask(id, to).catch((error: unknown) => {
          console.warn(error)
          return undefined
        })
        if (gone) return
        this.failed = answer === undefined
        this.found = answer ?? this.found
      }
      const refresh = () => {
        if (!isReplay || Math.abs(timeline.scene.moment() - this.#askedAt) > movedMs) void load()
      }
      this.found = undefined
      // the moment of a replay that plays must not begin this anew
      untrack(() => void load())
      const timer = setInterval(refresh, isReplay ? followMs : everyMs)
      return () => {
        gone = true
        clearInterval(timer)
      }
    })
  }
}
