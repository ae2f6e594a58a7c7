import { createContext } from 'svelte'
import { type Person, type Right, stranger } from '#telemetry/people.ts'

/** Who is signed in. */
export class Session {
  person = $state.raw<Person>(stranger)

  /** Whether the person signed in has this right: what they may not do is not shown. */
  may(right: Right): boolean {
    return this.person.rights.includes(right)
  }
}

export const [getSession, provideSession] = createContext<Session>()
