package bus

// Verbs of queries.
const (
	VerbSearch   = "search"   // asks the collector for documents
	VerbHistory  = "history"  // asks the collector for what was measured
	VerbForecast = "forecast" // asks the analyser how a figure will go on
)

// Query is a short idempotent question that a role answers; it belongs to no stream.
type Query struct {
	Role    Role
	Verb    string
	Request string // message of the question, in the contract
	Answer  string // message of the answer
	Purpose string
}

// Subject is where the query is asked.
func (q Query) Subject() string { return RPCSubject(q.Role, q.Verb) }

// Queries returns every query that is served.
func Queries() []Query {
	return []Query{
		{Role: RoleCollector, Verb: VerbSearch, Request: "SearchRequest", Answer: "SearchResponse", Purpose: "documents that answer a question, each with the passage that says most"},
		{Role: RoleCollector, Verb: VerbHistory, Request: "HistoryRequest", Answer: "HistoryResponse", Purpose: "where the history of nodes, guests and storages is stored, read now"},
		{Role: RoleAnalyser, Verb: VerbForecast, Request: "ForecastRequest", Answer: "ForecastResponse", Purpose: "how a figure of a node, guest or storage will go on, with how sure that is"},
	}
}
