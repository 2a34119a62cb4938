package gateway

import (
	"proviso.dev/pkg/redact"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// cleanStart takes secrets out of a request before anybody else sees it, and tells the requester. Equal secrets get equal
// placeholders in words, intent and answers.
func cleanStart(start *provisov1.StartRun) {
	var r redact.Redactor
	var found []redact.Found
	start.Text, found = r.Text(start.GetText())
	if start.GetIntent() != nil {
		found = append(found, r.Message(start.GetIntent())...)
	}
	found = append(found, cleanEach(&r, start.GetAnswers())...)
	language := languageOf(start.GetText(), start.GetLanguage())
	if language == "" {
		language = start.GetIntent().GetLanguage()
	}
	if notice := redact.Notice(language, found); notice != "" {
		start.Notices = append(start.Notices, notice)
	}
}

// cleanAnswers does the same with answers, in the language of their run.
func cleanAnswers(message *provisov1.AnswerRun, language string) {
	var r redact.Redactor
	if notice := redact.Notice(language, cleanEach(&r, message.GetAnswers())); notice != "" {
		message.Notices = append(message.Notices, notice)
	}
}

func cleanEach(r *redact.Redactor, answers []*provisov1.Answer) (found []redact.Found) {
	for _, a := range answers {
		clean, more := r.Text(a.GetText())
		a.Text = clean
		found = append(found, more...)
	}
	return found
}
