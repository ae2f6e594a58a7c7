import { type Logger, pino } from 'pino'
import type { PlatformConfig } from './config.ts'

/** The log of one process: JSON lines on standard error, readable ones on a terminal. Secrets never get into it. */
export async function createLog(config: Pick<PlatformConfig, 'LOG_LEVEL'>): Promise<Logger> {
  const options = {
    level: config.LOG_LEVEL,
    redact: ['password', '*.password', 'token', '*.token', 'headers.authorization', 'headers.cookie'],
  }
  if (!process.stderr.isTTY) return pino(options, pino.destination(2))
  const { default: pretty } = await import('pino-pretty')
  return pino(options, pretty({ destination: 2, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }))
}
