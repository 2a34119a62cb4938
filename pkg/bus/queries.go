package bus

// VerbSearch asks the collector for documents.
const VerbSearch = "search"

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
	}
}
