import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { LoadPlan, LoadResult } from './load.ts'

/** A load generator in a process of its own, connected and waiting. */
export interface Load {
  /** Sends, and resolves when all that was sent is acknowledged. */
  run(): Promise<LoadResult>
  /** Ends it; with a path it first writes there what was acknowledged, as a sensor's ledger. */
  end(ledger?: string): Promise<void>
}

/** Starts a load generator; resolves when all its connections stand. */
export async function startLoad(plan: LoadPlan): Promise<Load> {
  const child = spawn(process.execPath, ['--import', 'tsx', `${import.meta.dirname}/load.ts`, JSON.stringify(plan)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the load generator ended early')
    return String(value)
  }
  await line()
  return {
    async run() {
      child.stdin.write('go\n')
      return JSON.parse(await line()) as LoadResult // written by load.ts
    },
    async end(ledger = '') {
      child.stdin.write(`${ledger}\n`)
      await once(child, 'exit')
    },
  }
}
