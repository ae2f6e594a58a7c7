import type { RequestFault } from '#telemetry/faults/request-faults.ts'
import type { ApiMetrics } from '../metrics.ts'
import { ApiProblem } from '../server/problems.ts'

/** Bounds of what is answered at once. A query costs 1, one that looks at much up to 8; none counts for more than a person may have under way. */
export interface QueryLimits {
  /** cost under way of one person, or of one address where nobody is signed in */
  perPerson: number
  /** cost under way in all */
  all: number
  /** queries of one person that wait */
  waitingPerPerson: number
  /** questions that wait in all */
  waiting: number
  /** ms from the arrival of a question until it is given up */
  longestMs: number
}

export const defaultQueryLimits: QueryLimits = {
  perPerson: 8,
  all: 16,
  waitingPerPerson: 32,
  waiting: 500,
  longestMs: 15_000,
}

/** s after which a caller that was refused may ask again */
const retryAfterS = 2

interface Waiting {
  cost: number
  begin(): void
}

interface Person {
  running: number
  waiting: Waiting[]
}

/**
 * Lets so many questions at once be answered as the platform can bear beside its live work. What is more waits, a person's
 * questions in their order and the persons in turn; what would wait too long a queue is refused.
 */
export class QueryScheduler {
  readonly #limits: QueryLimits
  readonly #metrics: ApiMetrics
  /** persons with something under way or waiting; the next in turn first */
  readonly #persons = new Map<string, Person>()
  #running = 0
  #waiting = 0

  constructor(limits: QueryLimits, metrics: ApiMetrics) {
    this.#limits = limits
    this.#metrics = metrics
    metrics.questionsLimit.set(limits.all)
    metrics.questionsWaitingLimit.set(limits.waiting)
  }

  /**
   * Waits for this person's turn. What it gives must be called once the answer is out. Rejects with the signal's reason when
   * that is aborted before.
   * @throws ApiProblem TOO_MANY_QUESTIONS
   */
  async begin(name: string, asked: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    const cost = Math.min(asked, this.#limits.perPerson, this.#limits.all)
    const person = this.#persons.get(name) ?? { running: 0, waiting: [] }
    const { waitingPerPerson, waiting } = this.#limits
    const isFree = person.waiting.length === 0 && !this.#isFull() && this.#fits(person, cost)
    if (!isFree) {
      if (person.waiting.length >= waitingPerPerson)
        throw this.#refusal('person', {
          code: 'OWN_QUERIES_WAITING',
          params: { most: waitingPerPerson, seconds: retryAfterS },
        })
      if (this.#waiting >= waiting)
        throw this.#refusal('all', { code: 'QUERIES_WAITING', params: { seconds: retryAfterS } })
    }
    this.#persons.set(name, person)
    if (isFree) this.#start(person, cost)
    else await this.#wait(person, name, cost, signal)
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      person.running -= cost
      this.#running -= cost
      this.#next(name, person)
    }
  }

  #refusal(why: string, fault: RequestFault): ApiProblem {
    this.#metrics.questionsRefused.inc({ why })
    return new ApiProblem('TOO_MANY_QUESTIONS', fault, { retryAfterS })
  }

  /** Whether somebody waits for what others have under way, and not only for questions of their own. */
  #isFull(): boolean {
    for (const { running, waiting } of this.#persons.values())
      if (waiting[0] && running + waiting[0].cost <= this.#limits.perPerson) return true
    return false
  }

  #fits({ running }: Person, cost: number): boolean {
    return running + cost <= this.#limits.perPerson && this.#running + cost <= this.#limits.all
  }

  #start(person: Person, cost: number): void {
    person.running += cost
    this.#running += cost
    this.#showMetrics()
  }

  #wait(person: Person, name: string, cost: number, signal: AbortSignal): Promise<void> {
    this.#waiting += 1
    this.#showMetrics()
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        person.waiting.splice(person.waiting.indexOf(waiting), 1)
        this.#waiting -= 1
        this.#next(name, person)
        reject(signal.reason)
      }
      const waiting = {
        cost,
        begin: () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      person.waiting.push(waiting)
    })
  }

  /** Begins what there is room for now, the persons in turn. */
  #next(name: string, person: Person): void {
    if (person.running === 0 && person.waiting.length === 0) this.#persons.delete(name)
    for (let begun = true; begun; ) {
      begun = false
      for (const [each, { running, waiting }] of this.#persons) {
        const [first] = waiting
        if (!first || running + first.cost > this.#limits.perPerson) continue
        // the heavy one whose turn it is waits for room, or the light ones of others would take it for ever
        begun = this.#running + first.cost <= this.#limits.all
        if (begun) this.#begin(each, first)
        break
      }
    }
    this.#showMetrics()
  }

  #begin(name: string, first: Waiting): void {
    const person = this.#persons.get(name)
    if (!person) return
    person.waiting.shift()
    this.#waiting -= 1
    this.#persons.delete(name)
    this.#persons.set(name, person) // to the end: the others are next
    this.#start(person, first.cost)
    first.begin()
  }

  #showMetrics(): void {
    this.#metrics.questions.set(this.#running)
    this.#metrics.questionsWaiting.set(this.#waiting)
  }
}
