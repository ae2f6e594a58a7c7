import type { Logger } from 'pino'
import type { TelemetryStore } from '#storage/store.ts'
import { ApiKeys } from '../people/api-keys.ts'
import { People } from '../people/people.ts'
import { Teams } from '../people/teams.ts'
import { EndedSessions } from './ended-sessions.ts'
import { Passwords } from './passwords.ts'
import { Sessions, sessionSeconds } from './sessions.ts'

/** Authentication: people, their teams, keys of programs, passwords, sessions. */
export interface Authentication {
  people: People
  teams: Teams
  keys: ApiKeys
  passwords: Passwords
  sessions: Sessions
  /** Stops following the store. */
  close(): void
}

interface AuthenticationOptions {
  store: TelemetryStore
  log: Logger
  clock: () => number
  adminToken: string
  loginToken: string | undefined
}

/** Reads from the store people, teams, keys and ended sessions, and follows its changes. Does not reject while the store is away. */
export async function startAuthentication({
  store,
  log,
  clock,
  adminToken,
  loginToken,
}: AuthenticationOptions): Promise<Authentication> {
  const people = new People({ store, log, clock })
  const teams = new Teams({ store, log, clock })
  const keys = new ApiKeys({ store, people, log, clock })
  const ended = new EndedSessions({ store, log, clock, lifetimeMs: sessionSeconds * 1_000 })
  const sessions = new Sessions({ adminToken, loginToken, people, keys, ended, clock })
  await Promise.all([people.open(), teams.open(), keys.open(), ended.open()])
  return {
    ...{ people, teams, keys, sessions },
    passwords: new Passwords(),
    close() {
      for (const part of [people, teams, keys, ended]) part.close()
    },
  }
}
