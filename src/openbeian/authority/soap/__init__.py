"""The SOAP layer both ends share: calls and answers, return documents, WSDL; and the client."""
