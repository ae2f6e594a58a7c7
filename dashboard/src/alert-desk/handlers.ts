import type { Alert } from '#telemetry/alert.ts'

/** Names of those who did something about an alert. */
export function handlersOf({ acknowledged, shelved }: Pick<Alert, 'acknowledged' | 'shelved'>): string[] {
  return [...new Set([acknowledged?.by, shelved?.by])].filter((name) => name !== undefined)
}
