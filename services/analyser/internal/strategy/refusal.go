package strategy

import provisov1 "proviso.dev/proto/proviso/v1"

// The codes of refusals. They are part of the contract: scripts compare them.
const (
	CodeNoQuorum        = "no_quorum"
	CodeNoCapacity      = "no_capacity"
	CodeIncomplete      = "intent_incomplete"
	CodeTemplateUnknown = "template_unknown"
	CodeTemplateAway    = "template_unreachable"
	CodeImageUnknown    = "image_unknown"
	CodeContainerImage  = "container_template_unknown"
	CodePrivileged      = "privileged_nesting"
	CodeTag             = "tag_invalid"
	CodeImportMissing   = "import_storage_missing"
	CodeStorageUnknown  = "storage_unknown"
	CodeStorageUnusable = "storage_unusable"
	CodeStorageStopped  = "storage_stopped"
	CodeLinkedClone     = "linked_clone_storage"
	CodeHAStorage       = "ha_needs_shared_storage"
	CodeHAGroupUnknown  = "ha_group_unknown"
	CodeNetworkUnknown  = "network_unknown"
	CodeAddress         = "address_invalid"
	CodeNodeUnknown     = "node_unknown"
	CodePoolUnknown     = "pool_unknown"
	CodeTooMany         = "too_many_machines"
	CodeVMIDTaken       = "vm_id_taken"
	CodeNameTaken       = "name_taken"
	CodeNameReserved    = "name_reserved"
	CodeVMIDReserved    = "vm_id_reserved"
	CodeDevice          = "device_unavailable"
)

// The codes of refusals about guests that exist.
const (
	CodeGuestUnknown  = "guest_unknown"
	CodeGuestTwice    = "guest_twice"
	CodeGuestTemplate = "guest_is_template"
	CodeGuestAway     = "guest_unreachable"
	CodeGuestUnread   = "guest_unread"
	CodeGuestLocked   = "guest_locked"
	CodeDiskShrinks   = "disk_shrinks"
	CodeDiskFixed     = "disk_fixed"
	CodeChangeUnsafe  = "change_unsafe"
)

// A RefusedError is returned when the request cannot be planned. It says so to the requester, in their language, with what
// to do instead.
type RefusedError struct {
	Code    string
	Message string
	// Moves are guests that somebody could move, after which the request would fit; empty: none are known.
	Moves []*provisov1.ProposedMove
}

func (e *RefusedError) Error() string { return "refused: " + e.Code }

// Refusal is the error as the contract has it.
func (e *RefusedError) Refusal() *provisov1.Refusal {
	return &provisov1.Refusal{Code: e.Code, Message: e.Message}
}
