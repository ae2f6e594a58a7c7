import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'
import type { PlatformConfig } from './config.ts'

/** The log of one process: JSON lines on standard error, readable ones on a terminal. Secrets never get into it. */
export function openLog(config: Pick<PlatformConfig, 'LOG_LEVEL'>): Logger {
  const options = {
    level: config.LOG_LEVEL,
    redact: ['password', '*.password', 'token', '*.token', 'headers.authorization', 'headers.cookie'],
  }
  const out = process.stderr.isTTY
    ? pretty({ destination: 2, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' })
    : pino.destination(2)
  return pino(options, out)
}
