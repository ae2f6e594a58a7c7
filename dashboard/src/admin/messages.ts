import type { ListedPerson } from '#telemetry/accounts.ts'
import type { PersonRole, Right } from '#telemetry/people.ts'

/** Texts of the pages of people, keys, trail and one's own account: loaded with the first of them. */
export interface AdminMessages {
  failed: string
  /** what is wrong, in English as the platform says it, when there is no text of ours for it */
  refused: (detail: string) => string
  roles: Record<PersonRole, string>
  rights: Record<Right, string>
  people: {
    explain: string
    name: string
    role: string
    state: string
    source: string
    states: Record<ListedPerson['state'], string>
    sources: Record<ListedPerson['source'], string>
    add: string
    actions: string
    invite: string
    signOut: string
    disable: string
    enable: string
    link: (name: string, until: string) => string
    copy: string
    copied: string
    close: string
    self: string
    taken: string
    sureInvite: (name: string) => string
    sureDisable: (name: string) => string
    yes: string
    no: string
  }
  keys: {
    explain: string
    name: string
    by: string
    rights: string
    until: string
    used: string
    never: string
    expired: string
    days: string
    add: string
    revoke: string
    token: (name: string) => string
    none: string
    sure: (name: string) => string
    taken: string
  }
  trail: {
    explain: string
    who: string
    from: string
    to: string
    filter: string
    time: string
    what: string
    target: string
    address: string
    detail: string
    none: string
    more: string
    nobody: string
    /** what a command to more than one lamp is about */
    lamps: (count: string) => string
    whats: Record<string, string>
    /** names of what an entry keeps beside; another one stays as it is kept */
    names: Record<string, string>
    /** words that it keeps there, roles and rights apart */
    words: Record<string, string>
  }
  account: {
    signedInAs: (name: string) => string
    rights: string
    signOut: string
    signOutEverywhere: string
    password: string
    current: string
    next: string
    repeat: string
    change: string
    changed: string
    wrong: string
    different: string
    elsewhere: string
  }
}
