/** Names of what `npm run` starts. */
export const services: readonly string[]

/**
 * The folder of the built services of a project (this one), after building them when the sources have changed. Rejects when that
 * cannot be.
 */
export function built(where?: { project?: string; cache?: string }): Promise<string>

/** Names the state of a project's sources: a change of any of them is another. */
export function stateOf(project: string): string
