import "./card.css";
import "./compact.css";
import "./sidebar.css";
import "./status.css";
