import { randomBytes } from 'node:crypto'
import pLimit from 'p-limit'
import type { Logger } from 'pino'
import type { TelemetryStore } from '#storage/store.ts'
import { type Team, teamSchema } from '#telemetry/assignee.ts'
import { ApiProblem } from '../server/problems.ts'
import { foldName } from './account.ts'
import { DocumentCache } from './document-cache.ts'

/** teams at most */
const maxTeams = 100

/** The teams of the installation, to whom alerts are given; in the store, so that every process of the api sees the same. */
export class Teams {
  readonly #cache: DocumentCache<Team>
  readonly #clock: () => number
  readonly #oneAtATime = pLimit(1)

  constructor({ store, log, clock }: { store: TelemetryStore; log: Logger; clock: () => number }) {
    this.#cache = new DocumentCache({ store, log, collection: 'team', schema: teamSchema })
    this.#clock = clock
  }

  open(): Promise<void> {
    return this.#cache.open()
  }

  close(): void {
    this.#cache.close()
  }

  get(id: string): Team | undefined {
    return this.#cache.get(id)
  }

  /** By name. */
  list(): Team[] {
    return this.#cache.all().toSorted((a, b) => a.name.localeCompare(b.name, 'vi'))
  }

  /** Adds a team. `allowed` is asked when it is this change's turn. @throws ApiProblem CONFLICT, and what `allowed` throws */
  add(name: string, allowed: () => void): Promise<Team> {
    return this.#inTurn(allowed, async () => {
      this.#requireFree(name)
      if (this.#cache.all().length >= maxTeams)
        throw new ApiProblem('CONFLICT', { code: 'TOO_MANY_TEAMS', params: { most: maxTeams } })
      const team: Team = { id: randomBytes(9).toString('hex'), name, createdAt: this.#clock() }
      await this.#cache.put(team)
      return team
    })
  }

  /** Gives a team another name. @throws ApiProblem NOT_FOUND, CONFLICT, and what `allowed` throws */
  rename(id: string, name: string, allowed: () => void): Promise<{ before: Team; team: Team }> {
    return this.#inTurn(allowed, async () => {
      const before = this.#existing(id)
      this.#requireFree(name, id)
      const team = { ...before, name }
      await this.#cache.put(team)
      return { before, team }
    })
  }

  /** Removes a team: alerts that were given to it go on saying so. @throws ApiProblem NOT_FOUND, and what `allowed` throws */
  remove(id: string, allowed: () => void): Promise<Team> {
    return this.#inTurn(allowed, async () => {
      const team = this.#existing(id)
      await this.#cache.remove(id)
      return team
    })
  }

  /** Makes a change to what the store holds at that moment. */
  #inTurn<T>(allowed: () => void, change: () => Promise<T>): Promise<T> {
    return this.#oneAtATime(async () => {
      await this.#cache.refresh()
      allowed()
      return change()
    })
  }

  #existing(id: string): Team {
    const team = this.#cache.get(id)
    if (!team) throw new ApiProblem('NOT_FOUND', { code: 'NO_SUCH_TEAM', params: {} })
    return team
  }

  #requireFree(name: string, but?: string): void {
    const folded = foldName(name)
    if (this.#cache.all().some((team) => team.id !== but && foldName(team.name) === folded))
      throw new ApiProblem('CONFLICT', { code: 'TEAM_NAME_TAKEN', params: { name } })
  }
}
