import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { LoadPlan, LoadResult } from './load.ts'

/** A load generator in a process of its own, connected and waiting. */
export interface Load {
  /** Sends, and resolves when all that was sent is acknowledged. */
  run(): Promise<LoadResult>
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
      const result = JSON.parse(await line()) as LoadResult // written by load.ts
      await once(child, 'exit')
      return result
    },
  }
}
