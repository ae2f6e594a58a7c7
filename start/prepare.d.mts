/** The folder of the project. */
export const root: string

/** Installs from the lockfile when it is newer than what is installed, and builds the dashboard when its sources are newer than the build. */
export function prepare(what: { dashboard: boolean }): void
