import type { Component } from 'svelte'
import type { WidePage } from '../navigation/sections.ts'

/** What each wide page shows; loaded when it is first opened. */
export const wideViews: Readonly<Record<WidePage, () => Promise<{ default: Component }>>> = {
  shift: () => import('../shift/ShiftPage.svelte'),
  alerts: () => import('../alerts/AlertHistory.svelte'),
  manual: () => import('../lamps/ManualOverrides.svelte'),
  rules: () => import('../alerts/AlertRules.svelte'),
  notifications: () => import('../alerts/Notifications.svelte'),
  quarantine: () => import('../quarantine/Quarantine.svelte'),
  devices: () => import('../devices/Devices.svelte'),
  people: () => import('../admin/People.svelte'),
  keys: () => import('../admin/Keys.svelte'),
  trail: () => import('../admin/AuditLog.svelte'),
  account: () => import('../admin/Account.svelte'),
}
