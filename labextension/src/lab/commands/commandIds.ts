/** The names of the commands. Menus, shortcuts and other extensions refer to them. */
export const CommandIds = {
  openSidebar: "primwidgets:open-sidebar",
  openBoard: "primwidgets:open-board",
  goToCell: "primwidgets:go-to-cell",
  cancelJob: "primwidgets:cancel-job",
  cancelAll: "primwidgets:cancel-all",
  clearFinished: "primwidgets:clear-finished",
  copyId: "primwidgets:copy-id",
  insertReattachCode: "primwidgets:insert-reattach-code",
  allowNotifications: "primwidgets:allow-notifications"
} as const;
