import { alertActionWords } from '#telemetry/glossary/alert-state.ts'
import { type Language, titlesIn } from '#telemetry/language.ts'

const acts = { vi: titlesIn(alertActionWords, 'vi'), en: titlesIn(alertActionWords, 'en') }

const vi = {
  title: (count: string) => `${acts.vi.assign} ${count} cảnh báo`,
  to: 'Giao cho',
  choose: 'Hãy chọn đội hoặc người…',
  me: (name: string) => `Tôi (${name})`,
  teams: 'Đội',
  people: 'Người',
  noTeams: 'Chưa có đội nào: quản trị viên thêm đội ở trang Người dùng.',
  note: 'Ghi chú cho người nhận (không bắt buộc)',
  loading: 'Đang tải danh sách đội và người…',
  failed: 'Không tải được danh sách đội và người.',
  retry: 'Thử lại',
  unassign: acts.vi.unassign,
  cancel: 'Hủy',
}

type AssignTexts = typeof vi

const en = {
  title: (count) => `${acts.en.assign} ${count} ${count === '1' ? 'alert' : 'alerts'}`,
  to: 'To',
  choose: 'Choose a team or a person…',
  me: (name) => `Me (${name})`,
  teams: 'Teams',
  people: 'People',
  noTeams: 'There are no teams yet: an admin adds them on the page People.',
  note: 'Note for them (optional)',
  loading: 'Loading teams and people…',
  failed: 'Teams and people could not be loaded.',
  retry: 'Try again',
  unassign: acts.en.unassign,
  cancel: 'Cancel',
} satisfies AssignTexts

/** Texts of the dialog that gives alerts to a person or a team. */
export const assignTexts: Readonly<Record<Language, AssignTexts>> = { vi, en }
