package review

// RuleIDs returns the ids of all rules in the tables.
func RuleIDs() []string {
	var out []string
	for _, r := range append(append([]rule(nil), stateRules...), policyRules...) {
		out = append(out, r.id)
	}
	return out
}
