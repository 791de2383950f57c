// Package standin stands in, on a developer's machine, for what knows who a caller is: a SuperOffice installation that answers
// currentPrincipal, and beside it an OpenID Connect issuer as SuperOffice's own. Both know the same few people, so that the authorizer is
// exercised for real. Their passwords are public. Nothing that is deployed can reach it.
//
// Begin with [Handler].
package standin

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
)

// ContextIdentifier is what the installation calls itself.
const ContextIdentifier = "Cust12345"

// Path is where the installation is on its host; its API is below.
const Path = "/" + ContextIdentifier

// person is somebody who can sign in: by name and password, by the ticket 7T:name, by the token 8A:Cust12345.name, by the session that a
// cookie names, or by a token of the issuer.
type person struct {
	name, password string
	associateID    int
	userType       string
	rights         []string
	context        string // the context identifier of the installation whose user it is
	expired        bool   // what the person shows is known no longer
}

var people = []person{
	{"tje0", "Tje0", 117, "InternalAssociate", []string{"pocket"}, ContextIdentifier, false},
	{"sal0", "Sal0", 118, "InternalAssociate", []string{"pocket"}, ContextIdentifier, false},
	{"adm0", "Adm0", 200, "InternalAssociate", []string{"admin-all", "pocket"}, ContextIdentifier, false},
	{"sys0", "Sys0", 300, "SystemUser", nil, ContextIdentifier, false},
	// Who is refused, each in its way.
	{"ano0", "Ano0", 0, "AnonymousAssociate", nil, ContextIdentifier, false},
	{"oth0", "Oth0", 117, "InternalAssociate", []string{"admin-all"}, "Cust54321", false},
	{"exp0", "Exp0", 117, "InternalAssociate", []string{"admin-all"}, ContextIdentifier, true},
}

// Handler answers as the installation and the issuer do.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path+"/api/v1/User/currentPrincipal", func(w http.ResponseWriter, r *http.Request) {
		for _, p := range people {
			if p.isShownBy(r) && !p.expired {
				reply(w, http.StatusOK, p.carrier())
				return
			}
		}
		reply(w, http.StatusUnauthorized, map[string]any{"Error": true, "ErrorType": "SoSecurityException", "Message": "Authentication failed."})
	})
	handleIssuer(mux)
	return mux
}

// isShownBy reports whether the request's credentials are p's.
func (p person) isShownBy(r *http.Request) bool {
	scheme, credential, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "basic":
		return credential == base64.StdEncoding.EncodeToString([]byte(p.name+":"+p.password))
	case "soticket": // which only programs use, and they show what program they are
		return credential == "7T:"+p.name && r.Header.Get("SO-AppToken") != ""
	case "bearer":
		return credential == "8A:"+ContextIdentifier+"."+p.name
	case "":
		session, err := r.Cookie("ASP.NET_SessionId")
		token, tokenErr := r.Cookie("XSRF-TOKEN")
		return err == nil && tokenErr == nil && session.Value == p.name && token.Value == "local" && r.Header.Get("X-XSRF-TOKEN") == "local"
	}
	return false
}

// carrier returns p as SuperOffice's SoPrincipalCarrier, with every member that the original has.
func (p person) carrier() map[string]any {
	return map[string]any{
		"UserType": p.userType, "Associate": p.name, "AssociateId": p.associateID, "IsPerson": true, "PersonId": 1000 + p.associateID,
		"CountryId": 578, "HomeCountryId": 578, "ContactId": 2, "GroupId": 1, "BusinessId": 1, "CategoryId": 1, "ContactOwner": 0,
		"RoleId": 1, "RoleName": "User", "RoleDescription": "", "RoleType": "Employee", "Licenses": []any{},
		"FullName": "Someone Local", "EMailAddress": p.name + "@example.com", "FunctionRights": p.rights,
		"EjUserId": 0, "EjAccessLevel": 0, "EjUserStatus": "StatusUnavailable", "ProvidedCredentials": []any{}, "SecondaryGroups": []int{},
		"DatabaseContextIdentifier": p.context, "UserName": p.name,
	}
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
