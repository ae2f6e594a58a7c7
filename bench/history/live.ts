import { io } from 'socket.io-client'
import { z } from 'zod'
import { startPlatform } from '#test/support/platform-process.ts'

const atOnce = 60
const quietMs = 30_000

const batchSchema = z
  .object({ readings: z.array(z.object({ arrivedAt: z.number() })) })
  .or(z.array(z.object({ arrivedAt: z.number() })))

/** The live feed while questions are asked. */
export interface Live {
  quietP95: number
  askedP95: number
  /** readings/s of the live feed, before and while questions were asked */
  quietRate: number
  askedRate: number
  /** questions answered with 200 */
  answered: number
  /** ms until the last answer of {@link atOnce} asked at once */
  tookMs: number
}

function p95(ages: readonly number[]): number {
  return ages.toSorted((a, b) => a - b)[Math.floor(ages.length * 0.95)] ?? Number.NaN
}

/** Starts the platform on a folder with a history, and asks it the same 60 questions at once again and again. */
export async function measureLive(folder: string, count: number, questions: readonly object[]): Promise<Live> {
  const platform = await startPlatform({
    DATA_DIR: folder,
    SENSORS: String(count),
    SAMPLE_SENSORS: 'false',
    SEED: '1',
    LOG_LEVEL: 'warn',
  })
  let ages: number[] = []
  const live = io(`${platform.url}/live`, { auth: { token: platform.adminToken }, transports: ['websocket'] })
  try {
    live.on('connect', () => live.emit('subscribe', {}))
    live.on('readings', (sent: unknown) => {
      const { data } = batchSchema.safeParse(sent)
      const batch = Array.isArray(data) ? data : (data?.readings ?? [])
      ages.push(...batch.map(({ arrivedAt }) => Date.now() - arrivedAt))
    })
    const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
    await wait(quietMs)
    ages = []
    await wait(quietMs)
    const quiet = { quietP95: p95(ages), quietRate: (ages.length / quietMs) * 1_000 }
    const headers = { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' }
    let answered = 0
    let tookMs = 0
    ages = []
    const startedAt = performance.now()
    while (performance.now() - startedAt < quietMs) {
      const askedAt = performance.now()
      await Promise.all(
        Array.from({ length: atOnce }, async (_, n) => {
          const body = JSON.stringify(questions[n % questions.length])
          const answer = await fetch(`${platform.url}/api/v1/history/query`, { method: 'POST', headers, body })
          const text = await answer.text()
          if (answer.status === 200) answered += 1
          else if (n === 0) console.log(`a question is answered with ${answer.status}: ${text.slice(0, 300)}`)
        }),
      )
      tookMs = Math.max(tookMs, performance.now() - askedAt)
      await wait(1_000)
    }
    const seconds = (performance.now() - startedAt) / 1_000
    return { ...quiet, askedP95: p95(ages), askedRate: ages.length / seconds, answered, tookMs }
  } finally {
    live.close()
    await platform.stop('SIGTERM')
  }
}
