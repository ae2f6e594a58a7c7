import type { Right } from '#telemetry/people.ts'

/** Pages that take the whole width beside map and table, in the order of the menu, each with the right it needs. */
export const widePages = {
  shift: 'see',
  alerts: 'see',
  manual: 'see',
  rules: 'see',
  notifications: 'rules:edit',
  quarantine: 'quarantine:see',
  devices: 'devices:diagnose',
  people: 'people:manage',
  keys: 'keys:manage',
  trail: 'trail:read',
  account: 'see',
} as const satisfies Record<string, Right>
export type WidePage = keyof typeof widePages

/** What the page can show: `map` and `table` share the rail, a wide page has the width for itself. */
export type Section = 'map' | 'table' | WidePage

/** Whether there is a wide page of this name. */
export function isWidePage(name: string): name is WidePage {
  return Object.hasOwn(widePages, name)
}

/** The section of this name; the map for any other. */
export function sectionOf(name: string | null): Section {
  return name === 'table' || (name !== null && isWidePage(name)) ? name : 'map'
}
