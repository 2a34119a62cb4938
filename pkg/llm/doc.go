// Package llm is the port through which a language model is asked, and the one place where the policy of asking lives.
//
// It owns the port ([Model]), the policy around it ([Client]: budget, redaction, deadline, rate, retry, breaker, repair,
// fallback, and the store of answers), the reading of answers, and the form of a message's schema that providers take. It
// speaks no provider's protocol (packages gemini and openai do), holds no prompt, and decides nothing: what an answer is
// worth is for the caller to judge, who always has an answer without a model.
//
// The way of a question: out already? -> redacted, capped -> stored answer? -> for each configured model: budget, slot,
// rate, call, retry -> decode, validate -> one repair -> out. A model that is out is out for the run.
package llm
