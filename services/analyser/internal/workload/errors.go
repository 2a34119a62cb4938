package workload

// The codes of refusals. They are part of the contract: scripts compare them.
const (
	CodeIncomplete   = "intent_incomplete"
	CodeQuota        = "namespace_quota"
	CodeNamespace    = "namespace_terminating"
	CodeStorageClass = "storage_class_missing"
)

// A RefusedError is returned when workloads cannot run on that cluster as they were asked for. Message is for the requester, in
// their language, and says what would do.
type RefusedError struct {
	Code    string
	Message string
}

func (e *RefusedError) Error() string { return "refused: " + e.Code }
