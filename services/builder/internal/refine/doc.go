// Package refine turns a draft into a manifest that the reviewer accepts.
//
// It owns the loop and the repairs. Two roles stand apart in it: the reviewer lists findings and alone says that all
// requirements are met; the refiner repairs what is listed and never judges. The loop ends when the reviewer is
// satisfied, when findings come back that were there before, or after ten iterations. It is pure: it renders, reviews
// and repairs values.
package refine
