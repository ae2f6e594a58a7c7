import { randomUUID } from 'node:crypto'
import type { MqttClient } from 'mqtt'
import { type AlertRequest, type AnswerPiece, type Asked, answerSchema } from '#telemetry/alert-requests.ts'
import { StoreUnavailableError, UnreachableError } from '#telemetry/errors.ts'
import { alertRequestTopic } from '#telemetry/topics.ts'
import { ApiProblem } from '../server/problems.ts'

/** ms that alerts has to answer; trying a rule on a week takes longer, and it gives up before this is over */
const patienceMs = { usual: 6_000, 'dry-run': 60_000 }
/** requests that wait for an answer at once */
const maxWaiting = 1_000
/** characters of one answer; ten thousand alerts are about seven million */
const maxLength = 50_000_000

/** codes of alerts that who asked gets as they are */
const refusals = ['INVALID_REQUEST', 'NOT_FOUND', 'CONFLICT', 'STORE_REJECTED', 'TOO_SLOW'] as const
const isRefusal = (code: string): code is (typeof refusals)[number] => (refusals as readonly string[]).includes(code)

interface Waiting {
  pieces: string[]
  length: number
  settle: (text: string | undefined) => void
}

/** Asks alerts over MQTT: each request has an id, and its answer comes back under it in pieces. */
export class AlertRequests {
  readonly #mqtt: MqttClient
  readonly #answerTo: string
  readonly #waiting = new Map<string, Waiting>()

  /** `answerTo`: last level of the topic that answers come on */
  constructor(mqtt: MqttClient, answerTo: string) {
    this.#mqtt = mqtt
    this.#answerTo = answerTo
  }

  /**
   * Sends a request and waits for the answer; when `signal` is aborted it stops waiting and cancels the request at alerts.
   * @throws the signal's reason, UnreachableError when none comes in time, StoreUnavailableError, ApiProblem with what alerts says against it
   */
  async ask(request: AlertRequest, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted()
    if (!this.#mqtt.connected || this.#waiting.size >= maxWaiting)
      throw new UnreachableError('alerts cannot be asked now')
    const id = randomUUID()
    const asked: Asked = { id, answerTo: this.#answerTo, request }
    const answering = this.#await(id, request.type === 'dry-run' ? patienceMs['dry-run'] : patienceMs.usual)
    this.#mqtt.publish(alertRequestTopic, JSON.stringify(asked), { qos: 1 }, (error) => {
      if (error) this.#waiting.get(id)?.settle(undefined)
    })
    const onAbort = () => this.#cancel(id)
    signal?.addEventListener('abort', onAbort, { once: true })
    const text = await answering
    signal?.removeEventListener('abort', onAbort)
    signal?.throwIfAborted()
    return resultOf(text)
  }

  receivePiece({ id, piece, isLast }: AnswerPiece): void {
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    waiting.length += piece.length
    waiting.pieces.push(piece)
    if (isLast) waiting.settle(waiting.pieces.join(''))
    else if (waiting.length > maxLength) waiting.settle(undefined)
  }

  #cancel(id: string): void {
    this.#waiting.get(id)?.settle(undefined)
    const asked: Asked = { id: randomUUID(), answerTo: this.#answerTo, request: { type: 'cancel', asked: id } }
    if (this.#mqtt.connected) this.#mqtt.publish(alertRequestTopic, JSON.stringify(asked), { qos: 1 })
  }

  /** Nobody answers any more. */
  endAll(): void {
    for (const { settle } of this.#waiting.values()) settle(undefined)
  }

  #await(id: string, ms: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      const settle = (text: string | undefined) => {
        clearTimeout(timer)
        this.#waiting.delete(id)
        resolve(text)
      }
      const timer = setTimeout(() => settle(undefined), ms)
      this.#waiting.set(id, { pieces: [], length: 0, settle })
    })
  }
}

function resultOf(text: string | undefined): unknown {
  if (text === undefined) throw new UnreachableError('alerts does not answer')
  const answer = answerSchema.parse(JSON.parse(text))
  if (answer.ok) return answer.result
  const { code, detail, faults = [{ code: 'SAID', params: { said: detail } }] } = answer
  if (isRefusal(code)) throw new ApiProblem(code, faults)
  if (code === 'STORE_UNAVAILABLE') throw new StoreUnavailableError(detail)
  throw new UnreachableError(`alerts cannot do that: ${detail}`)
}
