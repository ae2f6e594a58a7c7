import { sleep } from './sleep.ts'

/** Waits for a promise, but at most so many ms. Rejects with what the promise rejects with in that time. */
export async function waitAtMost(promise: Promise<unknown> | undefined, ms: number): Promise<void> {
  const done = new AbortController()
  try {
    await Promise.race([promise, sleep(ms, done.signal)])
  } finally {
    done.abort()
  }
}
