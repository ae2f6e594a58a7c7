import type { MqttClient } from 'mqtt'
import type { Logger } from 'pino'
import { type Answer, type AnswerPiece, type Asked, askedSchema } from '#telemetry/alert-requests.ts'
import { PlatformError } from '#telemetry/errors.ts'
import { jsonOf } from '#telemetry/json.ts'
import { alertAnswerTopic } from '#telemetry/topics.ts'
import { GivenUpError, RefusedError } from '../errors.ts'
import type { AlertsMetrics } from '../metrics.ts'
import type { ExecuteRequest } from './execute-request.ts'

/** characters of an answer in one message; the broker takes 262,144 bytes */
const pieceLength = 40_000
/** requests that are being answered at once; further ones are refused */
const maxAtOnce = 100
/** requests remembered, so that one which is delivered twice is answered once */
const maxRemembered = 1_000

/** Handles the requests of the apis, each once, and sends their answers. */
export class RequestHandler {
  readonly #mqtt: MqttClient
  readonly #executeRequest: ExecuteRequest
  readonly #metrics: AlertsMetrics
  readonly #log: Logger
  readonly #beforeAnswer: () => void
  readonly #remembered = new Set<string>()
  /** what ends the requests that are being answered, by their id */
  readonly #underWay = new Map<string, AbortController>()

  constructor(options: {
    mqtt: MqttClient
    executeRequest: ExecuteRequest
    metrics: AlertsMetrics
    log: Logger
    /** sends the events of what was done, so that who asked knows of them when the answer comes */
    beforeAnswer: () => void
  }) {
    this.#mqtt = options.mqtt
    this.#executeRequest = options.executeRequest
    this.#metrics = options.metrics
    this.#log = options.log
    this.#beforeAnswer = options.beforeAnswer
  }

  /** Handles the payload of a request. */
  handle(payload: string): void {
    const asked = askedSchema.safeParse(jsonOf(payload)).data
    if (!asked) {
      this.#metrics.malformed.inc({ channel: 'request' })
      return
    }
    if (asked.request.type === 'cancel') {
      this.#underWay.get(asked.request.asked)?.abort(new GivenUpError())
      return
    }
    if (this.#remembered.has(asked.id)) return
    this.#remembered.add(asked.id)
    for (const oldest of this.#remembered) {
      if (this.#remembered.size <= maxRemembered) break
      this.#remembered.delete(oldest)
    }
    void this.#answer(asked)
  }

  async #answer({ id, answerTo, request }: Asked): Promise<void> {
    const end = this.#metrics.requests.startTimer({ type: request.type })
    const ending = new AbortController()
    this.#underWay.set(id, ending)
    const answer = await this.#execute(request, ending.signal)
    this.#underWay.delete(id)
    end({ outcome: answer.ok ? 'ok' : answer.code })
    this.#beforeAnswer()
    await this.#send(answerTo, id, answer)
  }

  async #execute(request: Asked['request'], signal: AbortSignal): Promise<Answer> {
    if (this.#underWay.size > maxAtOnce) return { ok: false, code: 'UNREACHABLE', detail: 'too many requests at once' }
    try {
      return { ok: true, result: await this.#executeRequest(request, signal) }
    } catch (error) {
      if (error instanceof RefusedError)
        return { ok: false, code: error.code, detail: error.message, faults: [error.fault] }
      if (error instanceof PlatformError) return { ok: false, code: error.code, detail: error.message }
      this.#log.error({ err: error, type: request.type }, 'a request failed')
      return { ok: false, code: 'INTERNAL', detail: 'alerts failed' }
    }
  }

  /** Piece after piece, each once the broker has the one before: a long answer does not flood the asker's connection. */
  async #send(answerTo: string, id: string, answer: Answer): Promise<void> {
    const text = JSON.stringify(answer)
    for (let from = 0; from < text.length && this.#mqtt.connected; from += pieceLength) {
      const isLast = from + pieceLength >= text.length
      const message: AnswerPiece = { id, piece: text.slice(from, from + pieceLength), isLast }
      try {
        await this.#mqtt.publishAsync(alertAnswerTopic(answerTo), JSON.stringify(message), { qos: 1 })
      } catch (error) {
        this.#log.warn({ err: error }, 'an answer could not be sent: who asked will ask again')
        return
      }
    }
  }
}
