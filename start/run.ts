import { PlatformError } from '#telemetry/errors.ts'

/** ms after which a stop that hangs is cut short */
const stopMs = 10_000

/**
 * Runs a part of the platform until SIGINT or SIGTERM: then follows a graceful shutdown. A fault at the start is one line on standard error and exit code
 * 1; a stop that was asked for exits with 0.
 */
export async function run(start: () => Promise<{ close(): Promise<void> }>): Promise<void> {
  let stopping = false
  let part: { close(): Promise<void> } | undefined
  const stop = async () => {
    if (stopping) return
    stopping = true
    setTimeout(() => process.exit(1), stopMs).unref()
    await part?.close()
    process.exit(0)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    part = await start()
  } catch (error) {
    // our own errors are written for the reader; anything else is a bug and deserves its stack
    console.error(error instanceof PlatformError ? `nhip: ${error.message}` : error)
    process.exit(1)
  }
}
