import type { ListedPerson } from '#telemetry/accounts.ts'
import type { AuditAction, SignInWay } from '#telemetry/audit-actions.ts'
import type { LampOrder } from '#telemetry/command.ts'
import { alertActionWords } from '#telemetry/glossary/alert-state.ts'
import { wordsIn } from '#telemetry/language.ts'
import type { PersonRole, Right } from '#telemetry/people.ts'

const alerts = wordsIn(alertActionWords, 'vi')

/** Vietnamese texts of the pages of people, keys, trail and account. */
export const adminVi = {
  failed: 'Máy chủ không trả lời. Hãy thử lại.',
  /** what is wrong, in English as the platform says it, when there is no text of ours for it */
  refused: (detail: string) => `Máy chủ từ chối: ${detail}`,
  roles: {
    viewer: 'Người xem',
    operator: 'Trực ban',
    engineer: 'Kỹ sư',
    planner: 'Quy hoạch',
    admin: 'Quản trị',
  } satisfies Record<PersonRole, string>,
  rights: {
    see: 'xem cảm biến, lịch sử và cảnh báo',
    'alerts:handle': `${alerts.acknowledge} và ${alerts.shelve} cảnh báo`,
    'rules:edit': 'sửa quy tắc cảnh báo',
    'lamps:command': 'điều khiển đèn',
    'quarantine:see': 'xem bản tin bị từ chối',
    'devices:diagnose': 'xem vì sao thiết bị chưa có mặt',
    'metrics:see': 'xem số đo của hệ thống',
    'keys:manage': 'tạo khóa cho chương trình',
    'people:manage': 'quản lý người dùng',
    'trail:read': 'xem nhật ký thao tác',
  } satisfies Record<Right, string>,
  people: {
    explain: 'Ai được đăng nhập và với vai trò nào. Đổi vai trò hoặc mật khẩu sẽ kết thúc mọi phiên của người đó.',
    name: 'Tên',
    role: 'Vai trò',
    state: 'Trạng thái',
    source: 'Đăng nhập',
    states: { active: 'đang dùng', invited: 'đã mời', disabled: 'đã khóa' } satisfies Record<
      ListedPerson['state'],
      string
    >,
    sources: { password: 'bằng mật khẩu', openid: 'qua OpenID', token: 'bằng mã quản trị' } satisfies Record<
      ListedPerson['source'],
      string
    >,
    add: 'Thêm',
    actions: 'Thao tác',
    invite: 'Cấp đường dẫn mới',
    signOut: 'Kết thúc phiên',
    disable: 'Khóa',
    enable: 'Mở khóa',
    link: (name: string, until: string) =>
      `Hãy gửi đường dẫn này cho ${name}. Đường dẫn dùng được một lần, đến ${until}, và không hiện lại.`,
    copy: 'Sao chép',
    copied: 'Đã sao chép',
    close: 'Xong',
    self: 'bạn',
    taken: 'Tên này đã có người dùng, hoặc trông giống một tên đã có.',
    sureInvite: (name: string) => `${name} sẽ cần đường dẫn mới: mật khẩu cũ không còn hiệu lực.`,
    sureDisable: (name: string) => `${name} sẽ bị đăng xuất và không đăng nhập được nữa.`,
    yes: 'Tiếp tục',
    no: 'Hủy',
  },
  keys: {
    explain: 'Chương trình gửi khóa dưới dạng bearer token. Khóa có một phần quyền của bạn và hết hiệu lực cùng bạn.',
    name: 'Tên',
    by: 'Người tạo',
    rights: 'Quyền',
    until: 'Hạn dùng',
    used: 'Lần dùng cuối',
    never: 'chưa dùng',
    expired: 'hết hạn',
    days: 'Số ngày',
    add: 'Tạo khóa',
    revoke: 'Thu hồi',
    token: (name: string) => `Khóa “${name}”. Hãy sao chép ngay: khóa không hiện lại.`,
    none: 'Chưa có khóa nào.',
    sure: (name: string) => `Chương trình đang dùng “${name}” sẽ bị từ chối ngay.`,
    taken: 'Bạn đã có khóa tên này.',
  },
  auditLog: {
    explain: 'Ai đã làm gì, lúc nào, từ đâu. Không thể sửa hay xóa nhật ký này.',
    who: 'Người',
    from: 'Từ',
    to: 'Đến',
    filter: 'Xem',
    time: 'Lúc',
    what: 'Việc',
    target: 'Đối tượng',
    address: 'Địa chỉ',
    detail: 'Chi tiết',
    none: 'Không có thao tác nào trong khoảng này.',
    more: 'Còn nữa: hãy thu hẹp khoảng thời gian.',
    nobody: 'chưa đăng nhập',
    /** what a command to more than one lamp is about */
    lamps: (count: string) => `${count} đèn`,
    actions: {
      'session.begin': 'đăng nhập',
      'session.refuse': 'đăng nhập bị từ chối',
      'session.end': 'đăng xuất',
      'session.end-all': 'đăng xuất mọi nơi',
      'person.add': 'thêm người',
      'person.change': 'sửa người dùng',
      'person.invite': 'cấp đường dẫn mới',
      'person.password': 'đổi mật khẩu',
      'key.add': 'tạo khóa',
      'key.revoke': 'thu hồi khóa',
      'alert.acknowledge': `${alerts.acknowledge} cảnh báo`,
      'alert.shelve': `${alerts.shelve} cảnh báo`,
      'alert.unshelve': `${alerts.unshelve} cảnh báo`,
      'alert-rule.add': 'thêm quy tắc cảnh báo',
      'alert-rule.change': 'sửa quy tắc cảnh báo',
      'alert-rule.remove': 'xóa quy tắc cảnh báo',
      'lamps.command': 'điều khiển đèn',
      'lamps.command.outcome': 'kết quả điều khiển đèn',
      'notification.replay': 'gửi lại thông báo',
    } satisfies Record<AuditAction, string>,
    /** names of what an entry keeps beside; another one stays as it is kept */
    names: {
      way: 'cách',
      role: 'vai trò',
      disabled: 'bị khóa',
      rights: 'quyền',
      until: 'đến',
      version: 'phiên bản',
      name: 'tên',
      command: 'mã lệnh',
      order: 'lệnh',
      action: 'việc',
      level: 'mức sáng',
      comment: 'ghi chú',
      lamps: 'đèn',
      acknowledged: 'đã xác nhận',
      timedOut: 'quá hạn',
      unsent: 'chưa gửi',
      refused: 'từ chối',
      before: 'số lần nữa trước đó',
      others: 'với tên khác',
    },
    /** codes that it keeps there, beside roles and rights: how somebody signed in, what a lamp was asked to do, yes and no */
    ways: {
      password: 'mật khẩu',
      token: 'mã đăng nhập',
      invitation: 'đường dẫn mời',
      openid: 'OpenID',
      bearer: 'khóa của chương trình',
      'live feed': 'mã dùng một lần',
    } satisfies Record<SignInWay, string>,
    orders: { on: 'bật', off: 'tắt', dim: 'chỉnh độ sáng', automatic: 'theo lịch' } satisfies Record<
      LampOrder['action'],
      string
    >,
    answers: { true: 'có', false: 'không' },
  },
  account: {
    signedInAs: (name: string) => `Đăng nhập với tên ${name}`,
    rights: 'Bạn được',
    signOut: 'Đăng xuất',
    signOutEverywhere: 'Đăng xuất mọi nơi',
    password: 'Đổi mật khẩu',
    current: 'Mật khẩu hiện tại',
    next: 'Mật khẩu mới, ít nhất 12 ký tự',
    repeat: 'Nhập lại mật khẩu mới',
    change: 'Đổi',
    changed: 'Đã đổi mật khẩu; mọi phiên khác đã kết thúc.',
    wrong: 'Mật khẩu hiện tại không đúng.',
    different: 'Hai mật khẩu mới không giống nhau.',
    elsewhere: 'Bạn đăng nhập ở nơi khác nên không có mật khẩu ở đây.',
  },
}

/** Texts of the pages of people, keys, trail and one's own account: loaded with the first of them. */
export type AdminMessages = typeof adminVi
