/** One of the commands of `npm run history`. */
export interface HistoryCommand {
  /** one line of the help: what it does */
  summary: string
  /** what stands behind the name, with what each part means */
  usage: readonly string[]
  /**
   * Runs it; resolves with the exit code: 0, or 130 when it ended because the signal was aborted.
   * @param args what stands behind the name of the command
   * @throws ConfigError that says what to do
   */
  run(args: readonly string[], signal: AbortSignal): Promise<number>
}

/** exit code of a command that was interrupted */
export const interruptedCode = 130
